import Foundation
import MPEGCore
import MediaTime
import WireBytes

/// Two tiny streams of ten pictures, 128×96, a key frame at 0 and 5 (FFmpeg's test pattern through x264 and x265).
enum SampleStream {
  static let h264 = units(of: .h264, text: h264Text)
  static let h265 = units(of: .h265, text: h265Text)

  static func format(_ codec: MediaCodec) -> TrackFormat {
    TrackFormat(codec: codec, width: 128, height: 96)
  }

  /// Every NAL unit of slices ends a picture here: these streams have one slice each.
  private static func units(of codec: MediaCodec, text: String) -> [AccessUnit] {
    let bytes = Array(Data(base64Encoded: text, options: .ignoreUnknownCharacters) ?? Data())
    var units: [AccessUnit] = []
    var pending = ByteWriter()
    var start = ByteScan.startCode(in: bytes.span, from: 0)
    while let code = start {
      let next = ByteScan.startCode(in: bytes.span, from: code + 3)
      var end = next ?? bytes.count
      while bytes[end - 1] == 0 { end -= 1 }
      let unit = bytes[code + 3..<end]
      pending.uint32(UInt32(unit.count))
      pending.raw(unit)
      let type = codec == .h264 ? unit[unit.startIndex] & 0x1F : unit[unit.startIndex] >> 1 & 0x3F
      if codec == .h264 ? type <= 5 : type < 32 {
        let time = MediaTicks(90_000 + Int64(units.count) * 3_600)
        units.append(
          AccessUnit(
            codec: codec, isKeyFrame: codec == .h264 ? type == 5 : type >= 16, pts: time, dts: time,
            arrival: WallTime(seconds: Int64(units.count)), payload: SharedBytes(pending.bytes)))
        pending = ByteWriter()
      }
      start = next
    }
    return units
  }

  private static let h264Text = """
    AAAAAWdkAAqstBBtgIgAAAMACAAAAwGQeJE1AAAAAWjvAhywAAABZYiEGf/TNNV11cVLR7fV2jYqLQm7mbRnxG+lF91aG6O7n2CoaMH1
    T2F8V1fYtLHiZktQ999lufyqUu+cx/vnMmBfOZriGmcUAoKAmpFpMqQ0nNEIIfcCq9K9t53xh9Fnr3agxecEhMTlU9iU0hfXNVJTMpf8
    /R/Of/STOPpmp/dFTBY9n2vcQzGErmN0EGzcH1PQbPVug6k7njytXKxvTymKFC6v3Xa2lIpqOcTHTOdKmtC7bz/vdI4GbZVbKF4LwP3Y
    4/nnKVACT82wjWo6tl/ju/iv0bNrl3vSpKSrejbrWLFA/7NowdFGGF+cMaCSRn30LM3eUd7Srihag//27OXcylK4As2UeO4qTrZDfgC5
    zY08TR32M04sT5c7vcimv6mxvvl++WGvGB2fNvKDjIEX27ETy51jJBMXNnFlu25RipPsrM8yM0GgEfLMRWGR2XT6MQ67dD3Tf56Wy/bl
    gGm58wHz/mRqKtKIakJroizyvs8WuAbfdw1tivN3vRUJJAr5guK4/n1vQOVq9rsLG67fe2d185vSMYToD9vX4OtzHxZSkql01WMiCiHp
    yzFd13KEIezl3mdhjTv5IKIRqGCsj5awITMOxQuOFGbM5FSXzlO+/dC2unheWyqcCrHYLKuvrOO+kHgwMjzv2mb0kT7gSKs3Xm00yVnT
    nb4jTlG3gkMsKzLP+Vgv+GKvR/oa8QKclQshchIaeU7nASgFenNOuoV26yqGXtrJgPBGgH/IC40GB2w79iQSD+jEMxeBaAQmcAfu2YIf
    ooWLQALXgnNJ2IV3aQgEJhU8bFF1OvnlYfmVFE6jXAH1r4sdlUR2GuJYrzD8VGSN4jCZ2LpuqfCOY3HvIXTGGoJOAJI9+isZ6VSKgM7u
    9j+VzKz2+ytSgoLtMNfa5prjL265lnwYsS3H2bxc/vKHXyU0tZoBQaFrwvtOl973P1IcCIZKwmEwMpmLE0emTn8xum5TbptBkx1N1Gjp
    LWdekns3DFt0n3X4qYVmykX7SMYpM8hxnZTMedPB/G9TjMgOUefdtOke75F70TxdRSAN9rftvRvhfOwC0rQAv1e1zIVbpP0fqotuvovW
    mR10cZm5/Kr0DV6ZFITXU7SJNFPtmjlybFlEEb7O0S1b/BoQGifgV0TxOwuf/NpfYXjaiPxsYZ9/MITxKlNBtnkmmuBZakl0V2f/34Mm
    JLw0cd1DJ8YUP8WUfOEDzkvrzuLItgnDr156dVXpBh14//+mziUO2vR2NAej041OS42aE+1EISioaUXsJfHCeeYHqsMrr+GY9C6a9c4o
    0PKTRVI7S8TS+nsRv+EAAAABQZomIz/J9RP48f+vnL97/L+PxWsmWfI6V+We/vs9zOtAblPrL8UdwSMRQIzkbRtTeZJZqcwflHlq97W0
    HLwQ1pr6QkoujFglYBbHipGJNOyJrAHMSPErXfuYsfJaR1tf8TihAqlvNgtb0TLGR/f51PQxVCJBCNV1os4sQzeAYyDXNJXiuVV9IkWd
    BW6q5ooVOMbu3ktXllUR5fbYBY77ORCY+GJ2D5ou4jBieVebz3l8WKOPkAAAAAFBmkYjP+NLKPvZ5B2ZAD/5bdadShnF9f3Uv6CMKT4f
    /ySjMjUr9xjenP0ZG5cYghji8nbZUPbGJHwHBiABvQ31Y38FAYjDCiws9lM0y+F+q0buVxr8xXpRcb6vrL2Lq+k8XDVdeOhfFkX7BM+D
    RPiZdNXqHjAGBW3o4f3WSflW8OJE9R77HD813hwIDFTehSGUBB4Jt5SxUQ9H32Ltnr5FCTq8BHzWXk5BLBAYzkneaNWNgiYEDko9+o1t
    kzYhWOWxAAAAAUGaZiM/4zfeA9D1EPjkJYkeMm7kaIb+rFOPVgtvcKef+F5G4pMBJDVDTacqND8MocCMp4jVE7fwasmbiOSqnrzs+Q6w
    gushnrPU1v8pmW0tGE+k4Bgy28e/IEXmjIGSCeyu0P1P36Y+0qA6Cb1BIS8z+ly5A/h4Q7rakYjfiKKonX0r+kdlYXepfcdXCV3w2P2+
    xmr06lMLZFiHrDSyipLXurJlcT0X9lFr3gasMPLuny3NhTF+f6u95JfcgcZAMXWv6vU+NF/kDmzn72t5DTdHiKoAHL6ZicC5pKGJEvnc
    2SqZYIYAAAABQZqGIz/jpebe1Yfv/w6t4fhmoqYrLxiHJRaWf9KG/qnqP2sb89244JIzjTAMwjdP49h4kHG/YWPBDjHpfppvjvz7Q4cR
    JDr1Ghm1yTklXlUUIHMrFPu1Fn/A+hJ0bi/VW3pluLcOmjiJUSC/2G1lxA7OLeK1M9gXXaJzVmVjhrhpeM9eCq313hZ4ym1RZ5jg8Ksf
    SqMprhRgMXGArXAI4p7igIeicl+l/7v0Fos1weLKG8CIeYrBU3dV+5JLh9vn09ZLg/9nypv8u6flfv8wL1XGf7ozaeBUSt1uCOj/rBap
    /gCskvya/tuQ+68eEPP4zEEAAAABZ2QACqy0EG2AiAAAAwAIAAADAZB4kTUAAAABaO8CHLAAAAFliIIEf9vhlb3GA28vnxBk0+03GYIH
    dGe4zxlZ04UkP5RnTVvKSYmp/ZQQyXLZE6psc+war1S3SpY/AjA0HIWSqsB//+yO5IwO+6ql+ynjlsDKleBqHFfyrLgE3dtIi+zymYhr
    uVnQsg13+eCgQM9Ag3Khf+g2mcAKzuCk0I1rMxXxVntGnwAANAFt74OJHJprGYJms/qx/y5uuf2cLKlusKW5g1uTswKtMx/lHMbsISHd
    En3QZ5IqWtTmb6NgKjvsBx/YPqTQ7keG/dYm5fAIj4JcJQeJzgJ5matezmD/kXK/LlFLRFHGaSgShog5qDPe4saRS9kLZbF6SXF/5jhE
    PIBQ54IW0BQSojOho3qzigcOc8yFG+3n6HS/FPTBdWk1jyKkvgCxSCx+bqKSLyevVCYNiTpviFHpD9wq+jrAqxMgHTXe4ajvC6KOi1ZF
    UEOQjiOPGPar/t+oyS0ELhQRmANX/RP5oJHPK89clDg0HiH/vefZTvczoSpdtSFfix6ofvftiIvnI4U2kuSoEEpkXS1TQDgWZWVBgdFK
    7SJtXaPYkimObVL4VELHmBpQy2I3gv1iYJv8E7A8TnO/+/B1W3pVHjjt0Le9sq0/VneAtQ+xEPxpBAhzQKxyHsYk+WAWJ1SNCIXGP8CJ
    zBKZnv2Mkoz6n5gMJD1sNvfe03xksqjL3cS7rxiZy85A25zFYpy3NDB2eMWrXNLd6kFhAiH5bdNAyGdJxP/gdpRSW8f8zgB3i5jHk8pO
    6Xsh9VOOsr6Q9zmNaNUeWY7GSinKEPL79uCtCvpsMS8ESNJ6KNRIu2JmUfEo74n9Mm9hbQJ1rl+QKqwcSOzI5aReClV4w0EsR6f9gUSg
    YWoE3v6Z4pb74a5w8BbDVelG8I39dk9EBUaKxoVJhJ1UGPXLSlvpFYS8TzudNewGrzcdAtgMsxYFi4UxzxPGiM4buY+J5v8OsLz0BW0y
    LF7aMa1LyLaFdtKamquvGxsuN/lijrfgFHQuucp3lSAUJo7ALjROW0Y/yLAg3+o1/djUU7GGIY7HiU+ztf5aKMHR2m1kqOjHc5827bGK
    dx5MZnTaky45+0TEz1f//V7hwKP/qw4ewkWn7WwKqqrvh+H1J4B759eF+Sh6SNICuXBro7hM3NxM0dwKXr/Vi/gOLAeYg3iSaw62VDv/
    8fryNqbT/ANnblP16Uy3V8gwwzQOSeyvzoL3kULyB+6ZCdTHOHQ3ahqFp9zhLWEEYyv6XlkEABm+wRbKS89yUdt6snvqwks9ltIQTRpt
    Ej/oxDdhEhG/XvIzr264ubYBnlErrXmvuQsjOrsLFVRRMhIgFhLfSANGKpMlEIC86lkK+paMuESLHj4jylrLm3npaqPmxYHmHMClyhrn
    Ih2svk2YP0aDqLFnjQ+Yyd1O8huJ0nBc+DNKZyFtTM4UQoSDUyLlgK3SOW728mxW6CgcB8L2A8nCvP3iDlhT3jMXe2M2q4AIF2/q6RjN
    hfjQqpmUmRmbvMULgPgK475eYVWAZEhHNpxXsFolbUlctsD92ytlxrXVQJuYxRNVgtwGBL6nWsUdAAAAAUGaJiO/fi8//n5IX9yPv7YV
    UNP12PGgZFrkKSLUhWmvJo1Nufb75/4EXeAtGlIm2pOqckhluJu4G7zX+1i9tU3IxDl0nRl+Rr28GbJZfchDjiumFHDfscHNFnXPNlni
    c/TmF5skIXNlirWOguqK7kWeLhdOo252UabBxhGe7ozvp7q/p51h8ig+4DWILotftqafvWKdgThDe+5N2tWFWuVGEqOP3WDvDYUL9bZ5
    LpkAAAABQZpGIQ/nsgo1i/90vbPZXoDf/+wWD9BW1KfmYdcLn98Y09+/lRjqgnbPyVWyomXHTGt+YPN3Q2uC9SuGghzkaYRxwcdgvf/f
    Q0Erg8OwbscbU0O4+qO6FrP0G5w8XyYwTS9OJm3f8uVoJETfdAXOl3zuJ14iqXxf//bYAViORPOoFOSg46EwpsSXF6YxJbn/LPEpSdBl
    BlxEVVgMl4W/vzqjW4xSYW9rHOvj/3pZ/PEAAAABQZpmIS+bEdyQf6u7xpY+UMILy9wwLfYnfcoeFFkUhcxT0F+LmFeZFa0dZjALMS6s
    dHRlYCIILZub2QnIzHQV9ZXuJhvcr73/KbrAl/Zv17t2UGF0GWa2XZOJimB9HtOmVJdNvb9864Ns+R2UkRl0V/DOThYYzIpuZ3A1awUN
    bVhB+Kw+uJUh+ZVNixsE6awu9/1m0fHnGr+XY01vicqSgb0Bo+8O5vllBAp9ArFtde53q+M2M03/P1jbYAAAAAFBmoYhb5lXywiGPG3z
    gV8Wp4kwDauun06GCesdmGlR38LU9U8vcv1yk/IpDBtiw2SOuQCPuzt/mo+9BP04pxiVLPp9oOsSbfVx1G+yza4DzTmdWv4KYRgw2xoN
    pIcpXQe+uGeLDDn4dU9b06SerH+8DLbSay7R2ozDIA==
    """

  private static let h265Text = """
    AAAAAUABDAH//wFgAAADAJAAAAMAAAMAHroCQAAAAAFCAQEBYAAAAwCQAAADAAADAB6gECBhZbpKTC8BaAgAAAMACAAAAwDIQAAAAAFE
    AcBzwYkAAAEoAaw1Yq2GzrBx0PoQ8LgX+w7VT5KFoAVf0xdX8fUMoM/IP7Vkf2pZtA70xozCDK1Ran/RBKuoBzkLuDXcM5enRSd///k/
    Cx9a4aBwHwaq9fDeFusAiH2MYGb898Ot2j6sGFuzfmYA3Vl//dR4rAFDBcVtH+1FEJja34y6ReOompXLAsLr1QGbUxZhh/Pao7YlCJWG
    JgJnrvf/kemVG+Py3+eckmfer+Qpgg/GaEoVCNPfYw0QbroGICQyEMKLZRGxmM5pZNlL5mXk4N0O4CO9yWziJIBT5Msxjjs6cvGpvpQX
    L+4TmNxMBab4K9TV7i81qb0NwTZ1GbpN8MWQDFj498kApjjIBpe+qh9vN790e5EnCEwPV27YkBiX0hPSYnVu0C3wwVydMuC9SwMoRbTH
    GL7QSjA+QEhWAtJ+VfYlwdMRBlEby6GLL0XNK6qjCsvmh7YLjjSlgGBudsmlf9m+CbAPUulE4dOb6jAT97KLQspngTENqmiv/jDZBm0l
    hjb6pZUWEVSgCtn5wiLfBvb7II0z88Tc2Jgew9cEM1+CmVTd/dR/VuIzrX/pZFAVmyQYlLM2Jqnyr9gu6/3xQVNSN55VSaikB8IAoIzJ
    /ZzkjqjtheWdkK1JDaNkgGZgx43XX6OLkwlLfv1RnmwHtT9RWguJufqR+BF5CEx+SL5uZcVNarXbLiJThCSbAEgX9/1nuqajQfAsg2+3
    J6+NCCX2aOu3wrqGwQChBKZZ4ONzPG2Rua6bHnrJ9OLZu0w3keC13ds3JsrZ+gOEw5YooGpP7jglHktlRFQhKxzAxbJQADdHl1THDsBF
    /GoTlDG77IFBcw08DcugD/MxKIJ65UzeY+sxpj+79gSxKZDcjPO2dj+J5QScte1H+KSAkdhxEU0kVPSRsLXFRvS9vuvIqiLo5npCs7VO
    b9stIxXCIIMvsdtR76tbhzo3dyYKYIgvRmS8oiiP9qnivQD4emnepLJfoAMgYVHOrTZTkEd/FPbpFU3riRFAIjyq4VwfxhsaozhNXrT6
    7w6vBVZV2TM00GpfjZgFYKVlRyeAejzAI4CeeW0AKcvAo7d/mhdWuXXx9HHwlh//a5R+apUFld8MXM/ByHjO2vuV91clRgD0IfJ0JuoU
    9grpr6DIo2q+p6BMmFAbJlmSV/LRBJgny9wlE/lcb+uFRlEEkk2qA7aKeDr7RYzIxumcC9kbCmMLFdNPgFsEh3qtXrjpuiUWiWxkqf48
    ZLk4mgjUeCo0X+E+/elTjsBn0cJ6t+oVkj6Py2HT3LuEGZwX/Z15/1/0FFUixHzY/XnjVZngb/6dpEHv3upv/3QUBnW9bdmWVMp0exJY
    yQXbC4NDG/DE/0WRzEVnAPfOwrHbqsaLPoAostoBZAxQSDZn2pZpGcVpkjQA0N+lW6iliCLdcxVKZgj8N+VEH3xVoR+OAcC8uEIsXfYV
    pNcnIQPrkyWSZ5yqOGR5e4LsxduI3jdJW5ZnoGHb379ILI714hoAs1D8+1O2xF/Oi7lZSzdGMhNRfgw1OP0N5t7MJKOpjs1kGz4ysAcO
    ws0P34m+26nSWegntCTLjHV+Wa4VGCoFrMRKA7gwBfXRPm+ZDbEktL5kqsdF337/MmuJWkJhVJhsiGxDPQINxdi8pyN+0g3IGAOkaSt/
    ME086wAY0BAD6BoGEv5wCLFfasMlvcIUjR1GU3ubS/4GkNiI2NviXlSaEptaCIcMlDXd41OpzVz+kgqkmAXrPK8AxB3Udl3BhKjStinF
    Ev5WQRdCOt05+4Jx9Ed2KXYPm6LaZ+vgAAAAAQIB0Al4gas/znD25KyBufO0tjfJoqLceFk1t2iwpnvPFVAfczy5odUD+YytxqbUCXvv
    s132cJv/oqF0rAkF///HP5FGOPz25jNhUWLYf/yFlWwOozbCLUZjOgRMr+Ob5Lb9YWSBV2duxqqD71KeQaDsJzsY+SYLlepAtnZ/4+xy
    J2AigZCQgGuM8gj8ptt/Gg/9c+1JbI8sHh3EzGEJG7JSAIpQdhCp8MATtPipcE/d4qgdk8LpA+l0cXr+OooRcY/mXhUu05UFcCXFfSvy
    tVcGTVMd3CBYq+9TL5tZs03qkS4jhZCwOvAkXMIRErddJNzU4wo0M72uo2ud9FWhG6uw0tIBjLqrXw2RId7zEhD3a+Te88lR7geRwG92
    Dt9lSMQsASsPFr+K/Mk6JuPNgu6Mf923MUsm/GnIGXo1vrP0S1Nx6IRzs7SXOdM6bkzStsU4Xy7WAbzT31Cp97n8AAAAAQIB0BH+IGjE
    OknA6VBNBwzfWv23Z5GOILyX4WJrMfALL5nKL2X+o+kcEvkpDAHKdc7wPBG0S1PPC3kRUjb/nVtj9E4fiGlEJukerilKQR7N8BXzuAjP
    KvyLULvI4dqPlEhQ3wuz3VaITmaapGBCPfM+vnFCS1AY3sh8wSulMWJybBQWEuH6Af++lF6KG/ZmqBalhxWblicSyF7wZ5YTw/enb7Ws
    KtarpAmxDU/gL53mcPy1cNLyUQ7/FO1TlsPafUhRruwyejbVf7oKB9f+aw7Qh6/vl+Icd2Q1s56ToqpTpHmGFqD4HfGMyknTJqm3EvMh
    GxH/q+K5giNQvXnPJ2SWOE+vgYNz385nXHV4cvigPPUamPOg9hYgd918cfIkW0qKjmD2bDHDkZv+kaIb/ybPT3dLmWxfKXeAAAAAAQIB
    0Bn+IGjESdRAJOec/S9unTG4FLKUXdEiB0PZlJ2pF0KdyKc5jlj7NulMBJTIeK5x09mHSirkQxnCcvv+xP/VFG92Rtn2pRIUTzYqEPaP
    QcA/9C6iWrV1Hca7OT+aCQDvbLhOEAhFnbahJNn/sKAMv6L5c0t8Lu+v+0upawO4eniTU4QfhyryZaFkq/oZQATGIkjpIhuuKbrGKvui
    hsNikZb90sBMH6v3tFfWNYKbWOIFyOAdt8/hlbNKWMKvVBcnhiNrClhBy+Wr7W7dojhKsayv0vM4c9eAIdyEkuXoI2P4fBccMs8mqFRz
    X1RtXV08QR/caDDBymmsdeX2qtJzEmIEAPtXanrN5KqlsA3u2c+PsejO8sZUc2r75yLcIl8Wd30xtwPVT2QrtlTE/iiSqm0UQrHlpa3v
    kyK3icU2VuW6nRW/qo3y9YNNTb0I8m5z7Yw+5NjbFi+V9UkAub3PzGoFLkHG7yqvAAAAAQIB0CH+IGrNn1Cv8b7SajGcSyruKHRmtuSd
    C7+QTJr/C4iB3P+UlVflU4GHRLT0OJjsFdEAnExQGdK2hX6ANPeVpfmvXsMdm4/0NDkwsWCisY8oHoIVtUbiUJ+rELeirSWxsywHZBo7
    6o1//mGxnfNdeDU8r2vtRlnqlYTf//+SCNQxy0EvTR9hggN+Ds+AAAAAAUABDAH//wFgAAADAJAAAAMAAAMAHroCQAAAAAFCAQEBYAAA
    AwCQAAADAAADAB6gECBhZbpKTC8BaAgAAAMACAAAAwDIQAAAAAFEAcBzwYkAAAEqAawU9QsYraHxgKmYdBh2N735fkYfn43tsMq3k1+a
    8bBVKFiOCk4HYMsU8RDADNu1Af0aKGdLhZB4/U44SEnXe9+5FmWJCLuRCVGlxVxc3F//P//6gFxx3+yLaGwzTi9Vwj7J8Dnf50cRZhGZ
    kPpD3TUXlTkHAWhk4DqwFS/33yu3GSCRlDKlkWpe2YWI2otcbhqsLxt3+Sp4ATyzXtwIFDlI9d8D1cK/bG80Mx05Et+TfRk0WQSJW6Xt
    Px3QP+Fy9kohF3yl0wQKPqx5jX+pgVwEmk7u9wN8+FXX2qwE6rix0hX8ydXIlsRF8lkbNPnkDQCMBP2v4V9KyP4KGH2KIFIoF75YPmy1
    gCcgStTVI51Zbot9DR3b1glcs0DJtTv8+my8I5X8ZvvbeU78kfMpOq2eBmPkCyl/wEAFbqUI/tFmSR047FwnZdYo+1sF4zl323lkveXR
    5JhsXqt266OwGKDNHoPEWoaWKfRubmaoM19hMz+fEqAooq1tCYc7/P6L8j7sOGp7qbsRtsyauZoTV5BrLf6AAA8oCZ8NS6zSxfHpn72/
    3Xm6r+XIkIq5blnXBB3wSqLNrXMK+fyNPajqtm6x4I9AdUGboFAJSZSrC5PV5wt5tniOPs2UlP30IzpDPe4WjzzpldO0tASFneTV11RX
    gchYrOjTFXz6PUn/1Q8SBnyC7YcdPt6B0IFZnQ4Sj6AYYebguWN04aDzDCqjsQGZs9HZANjY+XCSdqTIsYY6winM6OX+2cSygTQ19MBY
    b4I1pBTwYYpoo4DXjc1pp+U7qKvDxPEX08GnW3gspKoNAkN55S2vxK7e4vjquZhvrL77HtaV371pRGY2ee8aVQfxKqdiiYwi3fa+HPAc
    yp8EbA9Jzv8EW71C/aDENEk/0JbDY1QAobVOPKRn6EqP97KVksqKiSDu1fWSsEPlQjReI/Q+MOzZWLXAUF4ct2pzsFjJu6j+YETSjVs0
    maIpniNJTTh7Lrtc/OGbmwM1BypiI2PE5qWaNV9sWL5sdTfzivfXtStDBqAVQ+w8BxbUkrn2YDLy0Rfg70ekMNoO2TeYEKz+JsDTxtJT
    Ivb/js2K0kSHKVPmHTM9VFaCkwpd+tzvQymawGl5arL4HeX79sVKOKf525/nQeXSpexfFRazCdYG6JjLbyoRrDio7qYUmyGR+gHgiYib
    AUe5uNNRImBMyevDCY1pD3m/0F9WaJ4eP56KfBo28CiGEBYB1Os8q5QWRkd0C6UvJVFheGXLUFGCSlwj4pXmPXbNZeVfBrP3rUQIeKlP
    noHXRO5qoXebguocrbKe5sFxcib+leF07A0gtxC+FYGUijvSzV+MpouB0EHzi9dcg7wrK6msFWTyIjkj0aAmtv91Jabya0XDLZ3g42jX
    niLX3FKkAAKR3IaRM8ydD/ut6ZyGxWqn/gFZtDbv2qFlZ1n4wPsdjyBGiQsMpbvvzelMdtM9b2zQv3gICTz6X2H5vyTfdvDloOmXJRGC
    RhkFD7VtZPWSqRK0IkUS0Z/y3lfr92A9kvWxtrV/a2kzw/VTCY5TK93gZxuxMuPaa6u9SNU+Apv5nU/519BIG3Tw7i1ATbQoZP/RjpCV
    tVqDpYzeV7VjaTeGQQ9IhN8Ftk7PQYTVKblc7FFfB2kI6Aca81Ylm5Qj4wDayxBsUHRWSUJ+6998weVXs06HKSMEY9gBd+GZrJaPCesR
    i6607sRzuea1nGCj71pQ3c/Mt4obp+686Df08rkY1lcA2P+WBJbCfcQeftidQFY18ZAbIyhc34QU5W9MwXep9RF8kS1jh44O+SrzyMVA
    4efeHECA9kdjL1GjBMWsG/lAmDuupE/hgCUChgD80akbYy2Zr1OMyJmN6xdlOnw6hKu0BjoF2xR6wOiX2CSP38I3pzOcTNT68cKj1zaR
    hAaTKanX2+AO2gxYy+I37LT/QGMuVdOYNTByNr7Kt5XjiEqi1pzO7aXDu2Mmbu1EmbU8lkQqvJd1c62kw4UMlqYd2LFCTsqwtzLXemDQ
    T2xcZgSOiJKBhEcQfWvGjXvOlieb27oT9Lt84dgNR0XrbAerTr3HjGy8siY0lD1AxXB83WxmqZtGuBhr/IbvgDQ05ltHGmuIidvDz/7v
    NQpVF/qIMTh0FGaxjl9zLopA8CbUvxu8m96sTzX3/6PtdufTU56SDvAwLuhHcfHu6t3xrB3vAVtLqqbbSyI0Hork+NRPYFD1IgUG6Wan
    iVUlb8ajwKG+i5O/UNFJUo2fih6TWAAAAAECAdAxeIGrPc0QsAPyZSgW8+dM8TRLcGfzb7W09QcgIuhwP3lae8i/EfO3oRqAZrl/WC2z
    eW610Anqt//8dF2m9NasRbcH+kgqN//31NB+tqDIAiJjAWPZqy7gGVxD1PPvyd1wKfqKnOsvPAJIVuNf4GfDWX3d2sf9n6pJ8NSQAvSz
    DVo/OSTGSZUXxe72y/ITJKVZIj/HQTVmdqJUmhP03wOGKlQqsgZq6J2O3Kdx3jqgvyUOYgSb18ElZMPJU4OM2CiCEnf63AXzwSR9KObW
    7+S/Ft4ABwAAAAECAdA5/iBoz098JOdrT99bjNtADrGXha/Py4FoLbJFF2OE0rsUkIJbEqac1+fWmRfepD4o8Z7zTLhg6Eqp26cawTM5
    iGK+qtmcB/7XlfcXFJA01TGfsVvxjj3W3D2e1akmSze3pRyG8L2znsVRBbAu7gUfX3w2NwcW1U+S63zFK7BLzmhcyk+oCA4lbRkxiA2g
    OU2VQMkJ9hXY1ezA5ooiR2x7rC52bC6bsMtPmBOcoRnsaaxYn0btdpDXueUmnsHbefoslxYjTgju0v8AQPBn4zzwyTaSxNSROAxOQAAA
    AAECAdBB/iBoz7cM+LlhskCcXluxWdZfoY0F9aaEee1ofApNTxypxo4wX2or0D67Ub8YVocseANN71gbv/VDs8BfVa5TH98sEqti+9xP
    7lq/mt5DUrBaHKMRcn5q27tCrNVU77wdw3un6M2bFYnvbgjI0hMb4Xtlv0D0Fi5N1Lw+/BaJcKw3Lv9C2kRC/KGdgsgXyqVwuNkzfKSi
    hjXLhNG8NhrrxxESIhagRR0YVvNR6Ec3aSWTXPFhQdsWvEHnefGsTpCqOTsAxPD6TF8+UfbstgaZ3Tbq+19HwN28NYr/5x8AAAABAgHQ
    Sf4gas1T0K/6zWKVU8zqUVgRWtdaYaCJiFokbvslbINy/8Bh1Nyrxi8mkSM6k8wYy/Cc6y9RO9lzw/VGY78+L1LG5Spx1BdkV4rYjXiX
    QOteHq4=
    """
}
